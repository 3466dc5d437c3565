#pragma once
/*
 * fuzz: what every target here is: a function that takes any bytes and must neither crash nor break
 * one of its check()s. libFuzzer finds bytes that do (fuzz/run), and replay.c gives each target the
 * bytes of its folder below corpus/ in the ordinary test run.
 */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
