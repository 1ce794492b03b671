/* tests/unit/core_open_fixture.h - Shared by the tests of e-mail (core_open.c) and of replies to them
 * (core_open_reply.c): strategies, and what agents and adapters say. */
#pragma once

#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

struct interaction;

enum { PEOPLE = 3 };
extern const char *const people[PEOPLE];

struct core_world *begin_with(struct image *image);
/* It lies in everybody's workbin `drafts` for so long. */
struct image *parking_for(enum media medium, uint64_t seconds);
struct image *parking(uint64_t seconds);
/* `to` NULL: its way has no addresses. */
void comes_to(struct core_world *world, const char *id, const char *queue, const char *to);
void comes(struct core_world *world, const char *id, const char *queue);
void answers(struct core_world *world, uint64_t number, bool accepts);
const struct interaction *only(const struct core_world *world);
bool is_owned(const struct core_world *world, const char *state, const char *kind, const char *owner);
struct writer *asks_from(struct core_world *world, unsigned source, const char *actor, unsigned kind, uint64_t ixn);
struct writer *asks(struct core_world *world, const char *actor, unsigned kind, uint64_t ixn);
void moves(struct core_world *world, const char *actor, uint64_t ixn, enum move how, enum move_to to, const char *name);
void stops(struct core_world *world, const char *actor, uint64_t ixn);
/* How often its queue's strategy has begun since an agent has had it. */
unsigned begun(const struct core_world *world);
bool has_line(const struct core_world *world, const char *text);
void puts_into(struct core_world *world, const char *actor, uint64_t ixn, const char *whose);
