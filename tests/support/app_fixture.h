#pragma once
/*
 * Applications that a real Argo CD wrote (tests/fixtures), built in the model's structs: for the
 * tests of what writes them again.
 */
#include "argo/object.h"
#include "base/buf.h"
#include "wire/json.h"

const char *fixtures_folder(void);

/* The body of a fixture, "app-done.http"; its text goes into the buffer. */
struct json *fixture_json(const char *name, struct buf *text);

/* Of each fixture that is one whole Application; says how many they are. */
size_t fixtures_each_app(void (*visit)(const char *name));

/* Metadata, spec, status and operation. Its texts live until fixture_release(). */
struct app *fixture_app(const struct json *object);
void fixture_release(void);
