#pragma once
/*
 * by_structs: the way without bytes: a request becomes the model's struct at once, and what its
 * server answers becomes what the product would have read (mirror.h). It knows what a run asks for,
 * and nothing else: no history.
 *
 * A watch's signs of life are left out: nobody behind src/wire hears of them.
 *
 * No test of its own: every scenario is played by bytes and by structs.
 */
#include "argo/argo.h"
#include "world/way.h"

/* `token` is the credential that each request but the first carries. */
struct way by_structs_new(struct argo *argo, struct str token);
