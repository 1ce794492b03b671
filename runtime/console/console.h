/* runtime/console/console.h - Pages of those who look: one reading of gcxvm for all of them, and each page is told what
 * has changed.
 *
 *     each second, or each fifth while no page looks:  status, queues, bins, agents   from gcxvm, page by page
 *                                       the rows that have changed  ->  one text for all pages
 *     a page comes:                     all rows as they were read last
 *
 * So fifty pages cost gcxvm what one costs. A page that was away comes anew, and gets all rows again: nothing is kept
 * for a page. A page whose line is slower than the news is left out until its line is free, and then gets all rows
 * again. What is lost on a dead connection is therefore no loss. The owner says how gcxvm is asked and how a page
 * is told; the owner also checks who may look.
 *
 * Where gcxvm bounds reading, `status` names the persons who are bounded, and each row says who leads it (`led_by`): a
 * page of such a person is told of the rows that name them, and of their own, and gets texts of its own. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

struct console_calls {
    void *self;
    /* Asks gcxvm's admin socket; takes the reference. console_told() gets the answer, later and once. False: gcxvm
     * cannot be asked now, and no answer comes. */
    bool (*ask)(void *self, json_t *request);
    void (*say)(void *self, uint64_t ticket, const char *text); /* tells one page */
    /* Asks the page's connection to say that everything before has arrived: console_has_text() is called then. */
    void (*mark)(void *self, uint64_t ticket, uint32_t number);
    void (*end)(void *self, uint64_t ticket); /* ends the page's connection: its session is over */
    /* Keeps what is known of the agent's day (course.h), beyond this process; NULL: nothing is kept. */
    void (*keep)(void *self, const char *agent, json_t *row);
};

struct console *console_new(const struct console_calls *);
void console_free(struct console *); /* NULL is allowed */
/* Takes what was kept of an agent by the process before. */
void console_restore(struct console *, const char *agent, const json_t *row);
/* A page looks from now on; `session`: of its user, compared and never read; `person`: the user's name, copied. */
void console_joins(struct console *, uint64_t ticket, const void *session, const char *person);
bool console_has(const struct console *, uint64_t ticket);                 /* is it a page's connection? */
void console_has_text(struct console *, uint64_t ticket, uint32_t number); /* any number: it comes from outside */
void console_heard(struct console *, uint64_t ticket, const char *text, size_t length); /* what the page says */
void console_leaves(struct console *, uint64_t ticket);
void console_session_over(struct console *, const void *session);
void console_told(struct console *, const json_t *answer); /* NULL: gcxvm has not answered */
void console_tick(struct console *);                       /* each second */
