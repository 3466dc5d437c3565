#include "answer.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_answer(REQUEST_HISTORY, data, n);
	return 0;
}
