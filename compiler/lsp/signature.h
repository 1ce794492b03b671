/* compiler/lsp/signature.h - The call whose parenthesis is open at a place of a text. */
#pragma once

#include <stddef.h>

/* Returns the place after the open parenthesis, and in `commas` the number of its commas before the place; 0: none is
 * open. */
size_t signature_open(const char *text, size_t at, int *commas);
