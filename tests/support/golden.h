#pragma once
/*
 * A whole document that must not change unnoticed: a file of tests/golden has it byte for byte.
 * With TIPHYS_GOLDEN=write in the environment the files are written anew: read the difference as
 * carefully as code. tests/golden/test_golden.py parses them.
 */
#include "base/str.h"

#define assert_golden(actual, name) golden_check((actual), (name), __FILE__, __LINE__)

void golden_check(struct str actual, const char *name, const char *file, int line);
