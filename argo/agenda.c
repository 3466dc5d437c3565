#include "argo/agenda.h"

#include "base/alloc.h"
#include "base/vec.h"

struct entry {
	wall at;
	uint64_t order;
	struct task task;
};

/* A binary heap, the earliest first. */
struct agenda {
	VEC(struct entry) heap;
	uint64_t order;
};

struct agenda *agenda_new(void)
{
	return mem_zalloc(sizeof(struct agenda));
}

void agenda_free(struct agenda *agenda)
{
	if (agenda == NULL)
		return;
	vec_release(&agenda->heap);
	mem_free(agenda);
}

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->at.ms != b->at.ms ? a->at.ms < b->at.ms : a->order < b->order;
}

static void swap(struct entry *a, struct entry *b)
{
	struct entry kept = *a;

	*a = *b;
	*b = kept;
}

void agenda_add(struct agenda *agenda, wall at, struct task task)
{
	vec_push(&agenda->heap, (struct entry){at, agenda->order++, task});

	struct entry *v = agenda->heap.v;
	for (size_t i = agenda->heap.n - 1; i > 0;) {
		size_t parent = (i - 1) / 2;
		if (!is_before(&v[i], &v[parent]))
			break;
		swap(&v[i], &v[parent]);
		i = parent;
	}
}

bool agenda_take(struct agenda *agenda, wall now, wall *ret_at, struct task *ret_task)
{
	struct entry *v = agenda->heap.v;

	if (agenda->heap.n == 0 || v[0].at.ms > now.ms)
		return false;
	*ret_at = v[0].at;
	*ret_task = v[0].task;
	v[0] = vec_pop(&agenda->heap);

	size_t n = agenda->heap.n;
	for (size_t i = 0;;) {
		size_t least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++) {
			if (is_before(&v[child], &v[least]))
				least = child;
		}
		if (least == i)
			return true;
		swap(&v[i], &v[least]);
		i = least;
	}
}

bool agenda_due(const struct agenda *agenda, wall *ret_at)
{
	if (agenda->heap.n == 0)
		return false;
	*ret_at = agenda->heap.v[0].at;
	return true;
}
