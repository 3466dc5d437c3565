#pragma once
/*
 * answer: the fuzz targets for Argo CD's answers. The bytes are read in one piece and once more in
 * small portions: both must come to the same reply and the same events, whatever the bytes are.
 */
#include "model/request.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The first byte chooses status and end of the transport, the second one the size of the
 * portions.
 */
void fuzz_answer(enum request_type type, const uint8_t *data, size_t n);
