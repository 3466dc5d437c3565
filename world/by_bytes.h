#pragma once
/*
 * by_bytes: the way over the wire: src/wire writes and reads what argo/face reads and writes.
 *
 * No test of its own: every scenario is one.
 */
#include "argo/argo.h"
#include "world/way.h"

/* `token` is the credential that each request but the first carries. */
struct way by_bytes_new(struct argo *argo, struct str token);
