#include "base/fifo.h"

#include <string.h>

void fifo_push(struct fifo *fifo, uint32_t number)
{
	/* The room of those that were taken is used again once they are half of all. */
	if (fifo->taken > 0 && fifo->taken * 2 >= fifo->items.n) {
		size_t left = fifo->items.n - fifo->taken;
		memmove(fifo->items.v, fifo->items.v + fifo->taken, left * sizeof fifo->items.v[0]);
		fifo->items.n = left;
		fifo->taken = 0;
	}
	vec_push(&fifo->items, number);
}

bool fifo_take(struct fifo *fifo, uint32_t *ret_number)
{
	if (fifo->taken == fifo->items.n)
		return false;
	*ret_number = fifo->items.v[fifo->taken++];
	return true;
}

void fifo_release(struct fifo *fifo)
{
	vec_release(&fifo->items);
	fifo->taken = 0;
}
