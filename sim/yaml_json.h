#pragma once
/* yaml_json: a YAML node as JSON text, for what reads objects of Kubernetes. */
#include "base/buf.h"
#include "wire/yaml.h"

void yaml_json_write(const struct yaml *node, struct buf *out);
