/* runtime/debugger/flow.h - The flow of a strategy with the way that the interaction looked at has taken so far. */
#pragma once

#include "runtime/debugger/debugger.h"

/* "": shows the way in words. Else draws the flow into that file: .svg, .dot or .mmd (Mermaid), by the end of its name.
 */
void flow_show(struct debugger *, const char *file);
