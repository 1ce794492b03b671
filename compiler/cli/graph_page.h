/* compiler/cli/graph_page.h - A graph as one page of HTML: pictures, the sources beside them, search and zoom. */
#pragma once

#include <stdio.h>

#include "compiler/syntax/program.h"
#include "compiler/view/graph.h"

/* Returns the page, malloc'ed; NULL after an error, which is printed. The page fetches nothing. */
char *graph_page(const struct graph *, const struct program *, size_t *length);

/* The beginning of every page, by which it is known again. */
extern const char graph_page_begin[];
