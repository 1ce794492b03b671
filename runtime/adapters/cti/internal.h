/* runtime/adapters/cti/internal.h - The functions of the call model that its own files share. Not for plugins. */
#pragma once

#include <jansson.h>

#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/cti/events.h"

/* How long the switch, and the core, may take to answer; how long asks that outlive the loss of the switch's link
 * wait for its return. */
enum { ASK_US = 5000000, REPLY_US = 10000000, LINK_GRACE_US = 15000000 };

/* As the call of a log line: the line is about no call. */
#define NO_CALL ((const struct call *)NULL)

#define cti_log(cti, level, call, ...)                                                                                 \
    (cti)->services->log((cti)->link, level, (call) ? (call)->ixn : 0, (call) ? (call)->conn : 0, __VA_ARGS__)

/* The log level for a line about the call: calls that the core does not serve come in large numbers, so only a
 * summary of them is logged normally. */
static inline int call_level(const struct call *call)
{
    return call->refused ? GCX_LOG_DEBUG : GCX_LOG_INFO;
}

/* --- post.c: events to the core --- */

/* Begins an event about the call; if `asker` is an effect, the event answers the effect. */
struct writer *post_begin(struct cti *, unsigned kind, const struct call *, const struct cti_asker *);
/* Sends the event. False: the core did not take the event, and never will. */
bool post_end(struct cti *, struct call *, const struct cti_asker *);
/* Sends an EventRouteRequest, like post_end(), and notes its number in the visit. */
void post_route_request(struct cti *, struct call *, const struct cti_asker *);
void post_done(struct cti *, struct call *, const struct cti_asker *, enum outcome, enum code, const char *text);
/* What the switch is asked, so that a supervisor takes part in that way. */
enum party_ask cti_ask_of(enum party_op);
/* Tells the core of a telephone by which a supervisor hears the call. It is no party for the core. */
void post_watcher(struct cti *, struct call *, const struct call_party *, enum party_change);
void post_again(struct cti *, struct span frame); /* sends the answer to an effect that has come again */
/* Sends the events that wait, in order, as long as there is credit. True: some were dropped before, and a resync is
 * to report the present states. */
bool post_held(struct cti *);
enum party_role cti_party_role_of(const struct cti *, const struct call *,
                                  const char *dn); /* the party's role in the words of the core's protocol */
void post_forget(struct cti *); /* drops the events that wait: the core is away, and a resync will report the states */

/* --- notify.c: events to clients --- */

/* Makes an event with the call's attributes for the DN; NULL: neither the DN nor the asker has a client that gets
 * it. */
json_t *notify_call(struct cti *, enum client_event, const struct call *, const char *dn, const struct cti_asker *);
/* Sends the event, if it is not NULL, to all clients registered on the DN; the asker's copy has its reference. Takes
 * the reference to `event`. */
void notify_send(struct cti *, const char *dn, json_t *event, const struct cti_asker *);
void notify_error(struct cti *, const struct cti_asker *, const char *dn, uint64_t conn, enum code, const char *text);
/* Tells the clients of each party in the call who else is in it now, and who listens, if that has changed. `told`: the
 * clients at this DN have an event that says so already; NULL: none has. `previous`: the ConnID of the consultation
 * that has become this call, of which all are told; NULL: none has. */
void notify_parties(struct cti *, struct call *, const char *told, const char *previous);
/* The DN's first client registers, and reads with its calls who else is in them: it is told what changes from then
 * on. */
void notify_parties_read(struct cti *, const char *dn);
/* Makes the message to a client about a DN for which it registers. */
json_t *notify_address(struct cti *, enum client_event, const char *dn);
void notify_agent(struct cti *, const struct agent_session *, enum agent_state, const struct cti_asker *);
void notify_link(struct cti *); /* tells all clients whether the link to the switch is up */
enum client_event notify_link_event(const struct cti *);
/* tells all clients the reasons for not ready, if these have changed */
void notify_reasons(struct cti *, struct span reasons);
/* tells the client the reasons for not ready, if there are any */
void notify_reasons_to(struct cti *, struct client *);

/* --- access.c: the rights of roles.def --- */

enum right {
#define RIGHT(what, agent, supervisor, monitor, switch_) RIGHT_##what,
#include "runtime/adapters/cti/roles.def"
    RIGHTS,
};

/* The right that a request of that name needs; RIGHTS: there is none. */
enum right access_right_of(const char *request);
/* Has the client that right at the DN? */
bool access_may(const struct client *, enum right, const char *dn);
/* Is the client this agent's own desktop, or may it be anybody's, as there are no users? */
bool access_is_of_agent(const struct client *, const char *agent);
/* Removes the user data that the client may not see; takes the reference, and returns that event or a copy. */
json_t *access_filter_event(const struct client *, json_t *event);

/* --- client.c --- */

bool client_is_known(const struct client *);           /* has the client logged in, or need it not? */
const struct user *client_user(const struct client *); /* NULL: the client has not logged in, or there are no users */
struct cti *client_cti(const struct client *);
unsigned *client_registrations(struct client *);
/* Logs a client in by user and password. */
void client_authenticate(struct client *, const char *user, const char *password, uint64_t reference);
/* Logs a client in by user and token. */
void client_resume(struct client *, const char *user, const char *token, uint64_t reference);
void clients_renew_tokens(struct cti *);

uint64_t client_id(const struct client *);
struct client *client_find(struct cti *, uint64_t id);
/* Sends one line to the client; takes the reference. Closes a client that does not read. */
void client_send(struct client *, json_t *event);
/* The client now works for the agent; the core is told if it is the agent's first. */
void client_join(struct cti *, struct agent_session *, uint64_t client);
/* Makes agents not ready whose desktops were lost while the switch was away, or whom the switch has refused to log
 * out. */
void clients_settle(struct cti *);
void clients_free(struct cti *);

/* --- requests.c --- */

/* The core has allowed what a client has asked: to listen to an agent's call. */
void requests_listen_allowed(struct cti *, const struct ask *);
void request_perform(struct client *, struct cti *, const json_t *request, uint64_t reference);

/* --- asks_failed.c --- */

/* Tells the asker that the ask has failed, and frees the ask. */
void ask_failed(struct cti *, struct ask *, enum code, const char *text);
void asks_fail_call(struct cti *, uint64_t conn, enum code, const char *text);

/* --- clock.c --- */

bool cti_is_aside(const struct cti *); /* may another core lead? */

/* --- routing.c: default destinations; routing_watch.c: their timing --- */

const struct routing_point *
routing_point_of(const struct cti *, const char *dn); /* the routing point's settings; NULL: it is not configured */
void routing_default(struct cti *, struct call *, enum cause, uint64_t ixn, uint64_t ref);
void routing_next(struct cti *, struct call *);
void routing_again(struct cti *); /* goes on with routes when the link to the switch is up again */
void routing_tick(struct cti *);

/* --- resync.c --- */

void resync_all(struct cti *, uint64_t ixn, uint64_t ref);
void resync_agents(struct cti *, uint64_t ixn, uint64_t ref); /* tells the core about all agents, for its audit */
void facts_tell_conn(struct cti *, struct call *);            /* tells the switch the ConnID of the call */
void resync_call(struct cti *, struct call *, const struct cti_asker *);
void resync_agent(struct cti *, const struct agent_session *, const struct cti_asker *);
void resync_dn(struct cti *, const struct cti_dn *, const struct cti_asker *);
enum party_change resync_change_of(enum party_state); /* the change of a party that leads to the state */

/* --- facts.c --- */

/* Returns the number as the core gets it: "" if the switch's word for it means that it is withheld. NULL stays NULL. */
const char *facts_number_told(const char *number);
struct call *facts_make_call(struct cti *, const struct call_facts *); /* makes a call without telling the core of it */
