#pragma once
/* api_answer: what the model's server answers becomes the body of an HTTP answer. */
#include "argo/face/api_route.h"

/* Not for a watch. */
void api_answer_write(struct argo *argo, const struct api_call *call,
		      const struct api_answer *answer, wall now, struct buf *out);
