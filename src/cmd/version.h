#pragma once
/* version: which tiphys this is. No test of its own: one constant. */

extern const char tiphys_version[]; /* "0.1.0" */
