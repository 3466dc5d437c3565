#include "argo/inside.h"

/* ---- time and chance ---- */

wall argo_stamp(const struct argo *argo, wall at)
{
	return has_quirk(argo, QUIRK_SECOND_STAMPS) ? stamp(at) : at;
}

int64_t argo_fleet_ms(const struct argo *argo, int64_t ms)
{
	return ms / argo->config.speed;
}

int64_t argo_some_ms(struct argo *argo, int64_t from, int64_t more)
{
	if (argo->config.is_regular)
		return from + more / 2;
	return from + (int64_t)prng_below(&argo->prng, (uint64_t)more + 1);
}

void argo_later(struct argo *argo, int64_t after_ms,
		void (*run)(void *self, uint64_t number, uint64_t epoch), void *self,
		uint64_t number, uint64_t epoch)
{
	agenda_add(argo->agenda, wall_add(argo->now, after_ms),
		   (struct task){run, self, number, epoch});
}

/* ---- parts ---- */

struct server *argo_server(struct argo *argo)
{
	return argo->server;
}

struct store *argo_store(struct argo *argo)
{
	return argo->store;
}

const struct argo_config *argo_config_of(const struct argo *argo)
{
	return &argo->config;
}

struct str argo_intern(struct argo *argo, struct str text)
{
	return texts_keep(argo->texts, text);
}
