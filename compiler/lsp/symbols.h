/* compiler/lsp/symbols.h - The kinds of declarations, in the protocol's numbers. */
#pragma once

#include "compiler/syntax/ast.h"

int symbols_kind(const struct node *);
