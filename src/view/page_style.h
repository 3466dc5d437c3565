#pragma once
/*
 * page_style: how view/page looks. The whole of it is here, so that a page needs nothing else.
 *
 * No test of its own: a text; page_test.c has it in its golden file.
 */
#include "base/str.h"

/* CSS, without & and <: it stands in a document that is XML, too. */
struct str page_style(void);
