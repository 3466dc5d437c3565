#pragma once
/*
 * memory: what was freed goes back to the system. The C library keeps it for who asks next, in
 * pieces between those that are in use: in a process that lasts for days that may be much.
 *
 * No test of its own: the sanitizers of the test build have an allocator of their own.
 * tests/figures/promote.py shows what it brings.
 */

/* It takes milliseconds: now and then. */
void memory_trim(void);
