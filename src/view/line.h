#pragma once
/*
 * line: what lines for people are made of: colours, columns, and no blanks at the end.
 *
 * Colours are the caller's decision: a terminal, and no NO_COLOR. A column is as many characters,
 * not bytes.
 */
#include "base/buf.h"
#include "model/note.h"

enum color { COLOR_NONE, COLOR_DIM, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN, COLOR_RED };

void line_paint(bool use_color, enum color color, struct str text, struct buf *out);

/* How many columns the text takes, one for each character. */
size_t line_columns(struct str text);

void line_blanks(size_t n, struct buf *out);

/* What is missing to the width, and the two blanks between columns. */
void line_pad(struct str text, size_t width, struct buf *out);

/* Nothing ends in blanks: a column that stays empty costs none. */
void line_end(struct buf *out);

/* A phase as people say it ("left out"; JSON has app_phase_name()), and its colour. */
struct str line_phase(enum app_phase phase);
enum color line_phase_color(enum app_phase phase);

/* "3 done, 2 syncing, 7 waiting": what is not 0. */
void line_counts(const struct counts *counts, bool with_failed, struct buf *out);
