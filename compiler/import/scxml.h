/* compiler/import/scxml.h - Reads the SCXML that Composer generates from a workflow. */
#pragma once

#include "compiler/import/flow.h"
#include "compiler/import/xmi.h"

/* Returns the flow in the document; NULL, with the reason in `why`, where it has none. */
struct flow *scxml_read(struct arena *, const char *path, const struct xml_node *root, char *why, size_t why_size);
