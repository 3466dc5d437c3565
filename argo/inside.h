#pragma once
/*
 * inside: what the parts of the model share: the argo that they belong to. Nobody outside argo/
 * looks in here. argo.c puts the parts together; they know it by this alone.
 *
 * No test of its own: whatever a part does goes through it.
 */
#include "argo/agenda.h"
#include "argo/appset.h"
#include "argo/argo.h"
#include "argo/texts.h"
#include "base/prng.h"

struct repos;
struct fleet;
struct holds;
struct controller;
struct trees;

struct argo {
	struct argo_config config;
	wall now;
	struct prng prng;
	struct texts *texts;
	struct agenda *agenda;
	struct store *store;
	struct holds *holds;
	struct repos *repos;
	struct fleet *fleet;
	struct controller *controller;
	struct server *server;
	struct appsets *appsets;
	struct trees *trees;
	bool is_appsets_up;
	bool is_advancing;
};

/* The model behaves in this surprising way. */
static inline bool has_quirk(const struct argo *argo, enum quirk quirk)
{
	return !argo->config.quirks.is_off[quirk];
}

/* A stamp of Argo CD: whole seconds, unless the quirk is off. */
wall argo_stamp(const struct argo *argo, wall at);
/* A duration of the fleet, divided by `speed`. */
int64_t argo_fleet_ms(const struct argo *argo, int64_t ms);
/* `from` and up to `more` on top. */
int64_t argo_some_ms(struct argo *argo, int64_t from, int64_t more);
void argo_later(struct argo *argo, int64_t after_ms,
		void (*run)(void *self, uint64_t number, uint64_t epoch), void *self,
		uint64_t number, uint64_t epoch);
/* printf, interned. */
#define argo_text(argo, ...) texts_format((argo)->texts, __VA_ARGS__)
