/* runtime/adapter/address.h - Addresses as settings write them, "host:port", and the address by which a peer is
 * counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT = 46 }; /* size of a peer's address as text, with the final zero */

struct address {
    struct sockaddr_storage socket;
    int length;
    char host[256]; /* the host as the setting has it, without brackets */
    char port[6];
};

enum { ADDRESS_WRITTEN = 512 }; /* size of one written address, or of a list with commas, with the final zero */

/* Reads "host:port". An IPv6 address stands in brackets, port 0 is allowed. False with the reason in `why`. If the
 * host is a name, it is looked up, which may block: not for a loop that serves connections (resolver.h). */
bool address_parse(struct address *, const char *text, char *why, size_t why_size);
/* Like address_parse(), for a list with commas: takes the address whose turn it is, also among several addresses of
 * one name. */
bool address_find(struct address *, const char *list, unsigned turn, char *why, size_t why_size);
/* True: the text has the form of host and port. Nothing is looked up. `host` gets the host, without brackets. */
bool address_split(const char *text, char host[256], char *why, size_t why_size);
/* True: address_split() takes each address of the list, which has commas between the addresses. */
bool address_list_check(const char *list, char *why, size_t why_size);
bool address_is_numeric(const char *text); /* true: the host is a number, so no resolver need be asked */
/* True: the text is a name or number of this machine itself (localhost, a loopback address), whatever a resolver
 * would answer. */
bool address_says_loopback(const char *text);

/* True: only this machine can be at the other end of a connection to this address. */
bool address_is_loopback(const struct sockaddr *);

/* Writes the peer's address without its port, as the text by which its connections are counted: of IPv6 only the
 * first 64 bits, since a machine with one address of such a network has all of its addresses. */
void address_peer(const struct sockaddr *, char text[ADDRESS_TEXT]);

unsigned address_port(int socket); /* returns the port to which the socket is bound */
/* Writes the port to a file, all of it or nothing: a reader that waits for the file may read it as soon as it is
 * there. False: writing failed, and errno has the reason. */
bool address_port_tell(const char *path, unsigned port);

/* Has the kernel probe the peer of a silent connection, and end the connection within half a minute: a machine that
 * vanishes sends nothing. */
void address_watch_peer(int socket);
