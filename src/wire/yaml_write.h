#pragma once
/*
 * yaml_write: text as a scalar of YAML that everybody reads back as this text: plain where
 * wire/yaml reads it so, and in quotes where it would be a boolean, a number, a tag, a comment or
 * the like ("on", "1.10", "0777", "!env").
 *
 * For block style; between brackets a plain scalar ends at commas.
 */
#include "base/buf.h"

void yaml_write_text(struct str text, struct buf *out);
