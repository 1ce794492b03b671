/* runtime/adapters/sip/transport.h - The sockets of SIP (UDP; TCP and TLS if the settings want them), and our
 * address in messages to peers.
 *
 * The user agent owns the sockets. A telephone that registers over TCP or TLS is called over the same connection. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { CONTACT_SIZE = 128 };

struct exchange;

/* Binds the sockets that the settings name. False with the reason. */
bool transports_open(struct exchange *, char *why, size_t why_size);
/* Reads the certificate of SIP over TLS, which new connections show from then on. False with the reason: connections
 * show the certificate from before. */
bool transport_certificate(struct exchange *, char *why, size_t why_size);
/* Writes `sip:USER@HOST:PORT`, with the transport: where a peer of that transport reaches us. */
void transport_contact(const struct exchange *, enum sip_transp, const char *user, char contact[CONTACT_SIZE]);
