/* runtime/core/sessions/desktop.h - Desktops of agents. For the files of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sessions;

/* Notes that a desktop of the link comes or goes. When it goes, its agent keeps the present interactions, but the core
 * offers nothing more at the DNs of the link until the desktop is back. An agent who never had a desktop works with the
 * telephone alone. */
void desktop_is(struct sessions *, uint32_t agent, unsigned source, bool there, uint64_t grace_us);
