/* tests/unit/record_world.h - An agent and the record whose person the agent talks with: what desktop, list and calls
 * say.
 */
#pragma once

#include "runtime/vocabulary/vocabulary.h"
#include "tests/unit/core_fixture.h"

enum { LIST = 17 };
#define NUMBER "+33145550101"
#define OTHERS "+33145550102"

/* What an agent says of a record. */
struct record_words {
    enum record_op op;
    enum cause result;
    const char *key, *value; /* a field; NULL: none */
    int64_t due_s;
    enum callback_type callback;
    enum record_scope scope;
    const char *number, *campaign;
};

#define SAYS(...) tells(world, &(struct record_words){__VA_ARGS__})

extern const char *const dialling[]; /* what the switch can do */
/* A strategy that dials the record's number, and gives who answers to the DN 7001. */
struct image *serves(void);
void list_up(struct core_world *world);
void list_down(struct core_world *world);
/* The list hands over the record; it may be called from 9 to 17 hours in Tokyo, where it is 9 now. */
void hand_over(struct core_world *world, uint64_t record, const char *number, int64_t due_s);
/* The list answers what it was told or asked last. */
void answers(struct core_world *world, enum outcome outcome, enum code code);
void agrees(struct core_world *world);
void seconds(struct core_world *world, unsigned count);
uint32_t records_held(const struct core_world *world);
void tells_of(struct core_world *world, const char *who, uint64_t record, const struct record_words *says);
void tells(struct core_world *world, const struct record_words *says);
/* Marie talks with the person of the record 7. */
struct core_world *talking(void);
/* The same, where the record has that number: its strategy dials NUMBER. */
struct core_world *talking_for(const char *number);
void hangs_up(struct core_world *world);
void logs_out(struct core_world *world);
void ends(struct core_world *world);
unsigned draw(uint64_t *random, unsigned below);
void happens(struct core_world *world, uint64_t *random);
