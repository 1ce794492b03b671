/* runtime/adapter/address.h - "host:port", as settings write it, and who a peer is by its address. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT = 46 }; /* size of a peer's address as text, its zero included */

struct address {
    struct sockaddr_storage socket;
    int length;
    char host[256]; /* the host as it was written, without brackets */
    char port[6];
};

enum { ADDRESS_WRITTEN = 512 }; /* size of one written address, or of several with commas between, with the zero */

/* Reads "host:port". An IPv6 address stands in brackets, port 0 is allowed. False with the reason in `why`. If the host
 * is a name, it is looked up, which may wait for the resolver: not for a loop that serves somebody (resolver.h). */
bool address_parse(struct address *, const char *text, char *why, size_t why_size);
/* Like address_parse(), of a list with commas between: takes the address whose turn it is, also among several addresses
 * of one name. */
bool address_find(struct address *, const char *list, unsigned turn, char *why, size_t why_size);
/* Is the text written as host and port? Nothing is looked up. `host` gets the host, without brackets. */
bool address_split(const char *text, char host[256], char *why, size_t why_size);
/* Does address_split() take each address of the list, which has commas between? */
bool address_list_check(const char *list, char *why, size_t why_size);
bool address_is_numeric(const char *text); /* is the host a number, so that no resolver need be asked? */
/* Does the text name this machine by itself, whatever a resolver would say? */
bool address_says_loopback(const char *text);

/* Can only this machine be at the other end? */
bool address_is_loopback(const struct sockaddr *);

/* Writes the peer's address without its port, as text by which its connections are counted: of IPv6 only the first 64
 * bits, as whoever has one address there has them all. */
void address_peer(const struct sockaddr *, char text[ADDRESS_TEXT]);

unsigned address_port(int socket); /* the port that the socket is bound to */
/* Writes the port to a file, whole or not at all: whoever waits for the file may read it as soon as it is there. False:
 * errno has the reason. */
bool address_port_tell(const char *path, unsigned port);

/* Has the kernel probe the peer of a silent connection, and give it up within half a minute: a machine that vanishes
 * says nothing. */
void address_watch_peer(int socket);
