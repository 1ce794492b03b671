/* runtime/adapters/sip/ua/connection.h - Connections of TCP and TLS: one per peer and transport, opened by either
 * side.
 *
 * A telephone behind a router is called over the connection that it registered by. A connection ends after a quarter
 * of an hour without messages; one on which no message has come, or of a stranger, ends after half a minute. If a
 * peer does not read, further bytes for it are dropped beyond a limit. Only the files of the user agent include this
 * header. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

void connections_begin(struct ua *);
void connections_end(struct ua *);
int connection_listen(struct ua *, enum sip_transp, struct sa *own); /* errno */
/* The connection to that peer; NULL: there is none. */
struct connection *connection_to(const struct ua *, const struct way *);
/* Sends the message over the connection to that peer, and opens one if there is none. Returns errno. */
int connection_put(struct ua *, const struct way *, const struct mbuf *message);
/* Ends a connection of ours that is not established yet, as if the peer had refused it. */
void connection_give_up(struct ua *, const struct way *);
/* Has a connection of ours to that peer failed within the last ten minutes? */
bool connection_failed_lately(const struct ua *, const struct way *);
