/* compiler/import/composer.h - Reads the diagrams of Genesys Composer: .workflow, .callflow, .ixnprocess. */
#pragma once

#include "compiler/import/flow.h"
#include "compiler/import/xmi.h"

/* Returns the flow in the document; NULL, with the reason in `why`, where it has none. */
struct flow *composer_read(struct arena *, const char *path, const struct xml_node *root, char *why, size_t why_size);
