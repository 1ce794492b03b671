/* tests/unit/core_fixture.h - A core with people, a routing point and the strategy of flow V1, driven event by event.
 *
 * Every event is a batch of its own; after each, the core's invariants are asked. What leaves is kept as lines of text,
 * so that a test reads like the traces of the vocabulary. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "vm/image.h"
#include "vm/image_writer.h"

enum { LINK = 16, TRACE_BYTES = 1 << 16 };
enum { CALL = 0x0010000010000001, OTHER = 0x0010000010000002, THIRD = 0x0010000010000003 }; /* ConnIDs */

struct core_world {
    struct core *core;
    struct image *image, *earlier; /* earlier: one that was in force before, or NULL */
    uint16_t partition;
    struct writer writer;
    uint64_t time_us, number, seq[80];
    char trace[TRACE_BYTES];
    size_t trace_length;
    uint64_t ixn;            /* of the last effect that had one */
    uint32_t last_ref[2048]; /* by kind of effect */
    uint64_t last_until;     /* of the last RequestRouteCall or Invite: their `until` */
    struct sent {
        unsigned kind, link;
        uint32_t ref;
        uint64_t ixn, conn;
        char dest[32]; /* of a call that is made: its origin and its number */
    } sent[16];        /* the newest effects, a ring */
    uint32_t sent_count;
    bool unchecked;       /* the test has changed the core by hand, and does not play it again */
    uint64_t client, req; /* of the next request */
    char bound[256];      /* to the last query: "1=5400 2=time 0 3=none" */
    char reply[1024];     /* the value of the last Reply: "record=7 state=open" */
    char said[512];       /* the text of the last Reply */
    uint8_t *log;         /* all events, with the time of each and the digest after it, to be played again */
    size_t log_length, log_capacity;
};

extern uint32_t world_interactions_max; /* of worlds that begin from now on: 100, where a test has no more */

struct core_world *world_new(void); /* link up, directory, strategy in force, nobody logged in */
struct core_world *world_of(uint16_t partition);
struct core_world *world_bare(uint16_t partition); /* a core and the image; nothing has been said */
void *world_image(size_t *length);                 /* its strategy's bytes, malloc'ed */
void world_free(struct core_world *);
/* Ends a world that was played: a core that is fed the same has come to the same. */
void world_end(struct core_world *);
/* From now on the routing point runs that program; one that runs already stays on the one before. */
void world_run(struct core_world *, struct image *);
void world_advance(struct core_world *, uint64_t us);
/* The effects since the last look are exactly these lines. */
void world_expect(struct core_world *, const char *lines, const char *file, int line);
#define expect(world, lines) world_expect(world, lines, __FILE__, __LINE__)
void world_forget(struct core_world *);                    /* the effects so far */
uint64_t world_replayed_digest(const struct core_world *); /* of a new core, fed the same, and the same after each
                                                         batch. All that is over there has its row of the records. */

/* A frame of one's own: begin, fields, post. */
struct writer *world_event(struct core_world *, unsigned source, unsigned kind, uint64_t ixn, uint64_t ref,
                           uint64_t conn);
void world_post(struct core_world *);
void world_post_raw(struct core_world *, const uint8_t *frame, size_t length);

/* A leader whose journal lacks batches that were acknowledged, by the clock of a second. All links are down. */
void world_restored(struct core_world *, uint64_t second);
void link_up(struct core_world *, const char *const *caps);
void world_desk_begins(struct core_world *, unsigned link); /* the link of a desk is up, and begins its resync */
void link_down(struct core_world *);
void resync(struct core_world *, bool begin);
void directory(struct core_world *, unsigned table, const char *key,
               const char *const *pairs); /* key, value, ..., NULL */
void queue_time(struct core_world *, const char *queue, const char *column, unsigned seconds); /* committed, too */
void skill(struct core_world *, const char *agent, const char *skill, int level);
void commit(struct core_world *, bool whole);
void activate(struct core_world *, const char *dn);
void agent(struct core_world *, const char *name, const char *dn, enum agent_state);
void created(struct core_world *, uint64_t conn);
void route_request(struct core_world *, uint64_t conn, uint32_t ref);
void route_used(struct core_world *, uint64_t conn, const char *to, enum route_how);
void treatment_end(struct core_world *, uint64_t conn, const char *digits);
void treatment(struct core_world *, uint64_t conn, uint32_t ref, enum treatment_change, const char *digits);
void customer(struct core_world *, const char *name, const char *tier, const char *language); /* name NULL: no row */
void done(struct core_world *, uint64_t ixn, uint32_t ref, enum outcome, enum code);
void party(struct core_world *, uint64_t conn, const char *dn, const char *agent, enum party_role, enum party_change);
void deleted(struct core_world *, uint64_t conn);
/* A call up to the selection: digits 4711, the key, the customer's row. */
void call_until_selection(struct core_world *, uint64_t conn, const char *key, const char *tier);
void talk(struct core_world *, uint64_t conn, const char *dn, const char *agent); /* RouteUsed, Ringing, Established */
bool data_is(struct core_world *, uint64_t name, const char *key, const char *text);

/* Into a field of Debug: every place of a program. */
void world_everywhere(struct writer *, unsigned field);

/* Programs by hand: operands, the steps that most have, and the image, of a strategy named `enterprise`. */
#define CONSTANT(number)  ((uint16_t)(OPERAND_CONSTANT | (number)))
#define SECONDS(w, count) CONSTANT(writer_constant(w, TYPE_DURATION, (uint64_t)(count)*1000000))
uint16_t program_name(struct image_writer *, uint16_t kind, const char *text);
uint16_t program_text(struct image_writer *, const char *text);
uint16_t program_strategy(struct image_writer *, const char *name);
void program_delay(struct image_writer *, uint64_t seconds);
void program_stop(struct image_writer *, uint16_t why);
/* Routes to `who`, who has so many seconds to answer; where that fails it goes on there. */
void program_route(struct image_writer *, uint8_t who, unsigned timeout_s, unsigned answer_s, uint32_t failed);
struct image *program_loaded(struct image_writer *); /* ends the writer */
/* Selects somebody of the group overflow in the vq service within a minute, and routes what there is to them. */
struct serving_program {
    uint32_t media;      /* a bit each */
    const char *says;    /* sent to the customer first; NULL: nothing */
    const char *queue;   /* into which it goes if nobody takes it; NULL: it stops */
    uint64_t answer_s;   /* how long the agent may take to answer */
    uint64_t preview_s;  /* how long the agent is asked first; 0: not */
    uint64_t reply_s;    /* how long the agent may leave it without a reply; 0: for ever */
    int64_t reply_by_us; /* in place of reply_s, where `by_moment`: the moment, of the wall clock */
    bool by_moment;
    uint64_t absence_s; /* how long the agent may be away; 0: for ever */
    uint64_t exclude_s; /* whom it could not be routed to is left out so long, and it selects once more; 0: not */
    bool blended; /* with the capacity blended: one call, which interrupts e-mails and goes with no chat, three chats,
                     five e-mails */
};
struct image *program_serving(const struct serving_program *);
