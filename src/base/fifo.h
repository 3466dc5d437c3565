#pragma once
/*
 * fifo: a queue of numbers, first in, first out. Taking the first one moves nothing, however long
 * the queue is.
 *
 *	struct fifo fifo = {0};
 *
 *	fifo_push(&fifo, number);
 *	while (fifo_take(&fifo, &number))
 *		...
 *	fifo_release(&fifo);
 */
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct fifo {
	VEC(uint32_t) items;
	size_t taken; /* of the items, at their front */
};

void fifo_push(struct fifo *fifo, uint32_t number);
/* False if it is empty. */
bool fifo_take(struct fifo *fifo, uint32_t *ret_number);
void fifo_release(struct fifo *fifo);
