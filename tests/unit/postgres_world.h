/* tests/unit/postgres_world.h - What the tests of the PostgreSQL source share: a pool in a loop of its own, a
 * connection of ours to the same server, questions and answers.
 *
 * Run by tests/flows/postgres_sources.sh, which starts the server and says where it is. */
#pragma once

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "runtime/sources/source.h"

struct event_base;
struct event;

enum { ANSWERS_MAX = 512, WAIT_US = 15000000 };

struct answered {
    bool here;
    unsigned times;
    enum outcome outcome;
    enum code code;
    char text[512];
    uint8_t *frame;
    struct message message;
};

struct postgres_world {
    struct sources *sources;
    struct event_base *base;
    struct event *keep;
    atomic_bool over;
    pthread_t loop;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct answered answers[ANSWERS_MAX]; /* by ref */
    unsigned count;
    char notes[2048];
    PGconn *other; /* our own connection */
};

extern const struct source_options usual;
extern const struct source_column customer[3], number[1], word[1];
#define BY_ACCOUNT "select name, tier, level from customer where account = $1"

void control(const char *what);
void sql(struct postgres_world *world, const char *text);
long ask_number(struct postgres_world *world, const char *text);
struct postgres_world *world_of(struct source_options options);
struct postgres_world *world_new(void);
void world_free(struct postgres_world *world);
void statement(struct postgres_world *world, uint8_t mark, const char *text, const struct source_column *columns,
               size_t count);
void post(struct postgres_world *world, uint64_t ref, uint8_t mark, const struct kv *params, uint64_t rows, bool write,
          int64_t timeout_us);
bool wait_until(struct postgres_world *world, bool (*holds)(struct postgres_world *, uint64_t), uint64_t what);
bool is_here(struct postgres_world *world, uint64_t ref);
bool are_here(struct postgres_world *world, uint64_t count);
struct answered *await(struct postgres_world *world, uint64_t ref);
struct answered *ask(struct postgres_world *world, uint8_t mark, const struct kv *params, uint64_t rows);
void failed(const struct answered *answer, enum outcome outcome, enum code code, const char *text);
struct kv_value cell(const struct answered *answer, const char *row, const char *column);
void is_text(const struct answered *answer, const char *column, const char *text);
void is_number(const struct answered *answer, const char *column, enum kv_tag tag, int64_t value_word);
struct answered *ask_account(struct postgres_world *world, const char *account);
bool nobody_sleeps(struct postgres_world *world, uint64_t what);
bool somebody_sleeps(struct postgres_world *world, uint64_t what);
