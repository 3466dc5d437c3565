#pragma once
/*
 * page_timeline: one stage of view/page: its gate, its soak, and a timeline on the axis of all of
 * the promotion: a bar for the stage, its gate and its soak, and one for each try of each
 * application.
 *
 * What the bars show is said in words, too: in the lines above them and in the table.
 *
 * No test of its own: page_test.c tells its stories.
 */
#include "view/page_parts.h"

void page_stage(const struct page *page, uint32_t stage);
