/* runtime/core/sessions/desktop.h - Desktops of agents that come and go. Only the files of this folder use it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sessions;

/* Notes that a desktop of the link comes or goes. When the desktop goes, its agent keeps the present interactions, but
 * the core offers nothing new at the DNs of the link until the desktop is back. An agent who never had a desktop works
 * with the telephone only. */
void desktop_is(struct sessions *, uint32_t agent, unsigned source, bool there, uint64_t grace_us);
