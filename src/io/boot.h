#pragma once
/*
 * boot: which start of the machine this is. The monotonic clock counts from there, so its times say
 * something only beside this.
 *
 * No test of its own: it reads a file of the kernel's; journals have what it read.
 */
#include "base/arena.h"

/* The kernel's random name for it; empty where there is none. */
struct str boot_id(struct arena *arena);
