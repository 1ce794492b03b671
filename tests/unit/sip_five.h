/* tests/unit/sip_five.h - A whole exchange (sip_world.h) with five peers: a caller of a trunk and one more of it that
 * has no name here, two telephones, and numbers outside. */
#pragma once

#include "tests/unit/sip_world.h"

extern struct sip_world *world;
extern struct sip_peer *caller, *agent, *expert, *outlet;

void five_begin_at(const char *const (*settings)[2], const char *trunk, const char *telephones, const char *beyond);
void five_begin_with(const char *const (*settings)[2]);
void five_begin(void);
void five_finish(void);
struct telephone *five_telephone(const char *dn);
/* `as`: the agent's telephone once more, for the call that it dials beside the first. */
void five_dials(struct sip_peer *as, const char *number, unsigned hops);
/* How often a word stands in a text. */
unsigned five_counted(const char *text, const char *word);
