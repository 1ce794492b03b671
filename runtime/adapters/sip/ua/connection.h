/* runtime/adapters/sip/ua/connection.h - Connections of TCP and TLS: one per peer and transport, made by either side.
 *
 * A telephone behind a router is called over the connection that it registered by. A connection where nothing is said
 * for a quarter of an hour ends; one that says nothing at all, and a stranger's, ends after half a minute. Bytes that
 * its peer does not read are lost beyond a bound. For the files of the user agent alone. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

void connections_begin(struct ua *);
void connections_end(struct ua *);
int connection_listen(struct ua *, enum sip_transp, struct sa *own); /* errno */
/* The connection to that peer; NULL: there is none. */
struct connection *connection_to(const struct ua *, const struct way *);
/* Makes one where there is none. Returns errno. */
int connection_put(struct ua *, const struct way *, const struct mbuf *message);
/* Ends a connection of ours that has not come about yet, as if the peer had refused it. */
void connection_give_up(struct ua *, const struct way *);
/* True: a connection of ours to that peer did not come about within the last ten minutes. */
bool connection_failed_lately(const struct ua *, const struct way *);
