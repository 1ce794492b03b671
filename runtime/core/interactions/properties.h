/* runtime/core/interactions/properties.h - RequestUserData with ChangeProperties: a supervisor, or the administration,
 * changes the priority, the due time and the data of an interaction on which no strategy works. */
#ifndef CORE_PROPERTIES_H
#define CORE_PROPERTIES_H

#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* All of it or nothing, and replies. The pairs `priority` (int) and `due` (a time) are properties, the others data. */
void properties_change(struct interactions *, struct interaction *, const struct message *);

#endif
