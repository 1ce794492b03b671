/* tests/unit/tserver_rig.h - A T-Server between a core, a switch and desktops that are this test.
 *
 * The core is a gcx_services that keeps what is posted; the switch a script of lines; a desktop keeps the lines it was
 * sent. Time stands still until rig_wait(). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/tserver/tserver.h"

struct rig_desk {
    struct client *client; /* NULL: closed */
    json_t *lines;         /* received and not yet looked at */
    bool deaf;             /* does not read */
    bool closed;           /* by the T-Server */
};

struct tserver_rig {
    struct tserver tserver;
    struct gcx_link *link;
    int64_t now_us;
    unsigned dropped; /* times the switch link was dropped */
    bool core_up, no_credit, busy;
    bool aside;      /* another core may lead */
    bool predictive; /* the switch knows MakePredictiveCall */
    unsigned defaulted;
    unsigned link_number;
    uint64_t conns;
    uint64_t journal;     /* of the core; 0: it does not say it */
    struct writer posted; /* frames since rig_forget() */
    json_t *asked;        /* services that the switch has not answered */
    const char *settings[8][2];
    unsigned warnings; /* lines of the log at that level, and the last of them */
    char warned[512];
};

void rig_init(struct tserver_rig *); /* the core is up, the switch not connected */
void rig_open(
    struct tserver_rig *); /* init, and a switch: 1800 routing point, 5000, 5001 queues, 7001, 7002, port 6001 */
void rig_free(struct tserver_rig *);
void rig_wait(struct tserver_rig *, int64_t us); /* time passes, in tenths of a second */

/* The switch. */
void rig_connect(struct tserver_rig *);
void rig_lose(struct tserver_rig *);
void rig_event(struct tserver_rig *, const char *line);       /* one line of the switch; a line feed is added */
json_t *rig_asked(struct tserver_rig *, const char *service); /* the oldest open one of that name, or NULL; borrowed */
bool rig_result(struct tserver_rig *, const char *service);   /* answers it; false where it was not asked */
bool rig_error(struct tserver_rig *, const char *service, const char *code);
void rig_ring(struct tserver_rig *, const char *call_id); /* a call arrives at 1800 */

/* The core. */
const char *rig_posted(struct tserver_rig *); /* names posted since rig_forget(), with a space between */
bool rig_find(struct tserver_rig *, const char *name, struct message *); /* the last of that name */
void rig_forget(struct tserver_rig *);
struct writer *rig_effect(struct tserver_rig *, unsigned kind, uint64_t ref,
                          uint64_t conn); /* begins one, of interaction 9 */
void rig_perform(struct tserver_rig *);
void rig_core(struct tserver_rig *, bool up);
uint64_t rig_conn(struct tserver_rig *, const char *call_id);

/* Desktops. */
void desk_open(struct tserver_rig *, struct rig_desk *);
void desk_close(struct rig_desk *); /* its end: the connection is lost */
void desk_say(struct rig_desk *, const char *line);
/* Takes the first line with that Message out of those received; NULL where there is none. A new reference. */
json_t *desk_heard(struct rig_desk *, const char *message);
unsigned desk_count(struct rig_desk *, const char *message);
const char *desk_text(const json_t *line, const char *attribute); /* "" where absent */
json_int_t desk_reference(const json_t *line);
