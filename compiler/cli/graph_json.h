/* compiler/cli/graph_json.h - A graph as JSON, for pages that draw it and lead from its boxes to the lines. */
#pragma once

#include <jansson.h>

#include "compiler/view/graph.h"

/* Returns the graph as an object that the caller owns:
 *
 *     frames   title, kind, svg (null in inner frames, and where Graphviz draws nothing)
 *     boxes    id (that of the element in the picture), kind, text, frame, file and its lines first to last (null
 *              where no source has it), runs (where tests counted)
 *     edges    from, to, kind, label
 *
 * A graph that Graphviz cannot draw is returned without pictures, and the reason is printed. */
json_t *graph_json(const struct graph *, const struct program *);
