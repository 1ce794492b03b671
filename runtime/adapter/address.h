/* runtime/adapter/address.h - "host:port", as settings write it, and who a peer is by its address. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT = 46 }; /* of a peer, its zero included */

struct address {
    struct sockaddr_storage socket;
    int length;
    char host[256]; /* as it was written, without brackets */
    char port[6];
};

enum { ADDRESS_WRITTEN = 512 }; /* one, or several with commas between, with its zero */

/* An IPv6 address stands in brackets, port 0 is allowed. False with the reason in `why`. If the host is a name, it
 * is looked up, which may wait for the resolver: not for a loop that serves somebody (resolver.h). */
bool address_parse(struct address *, const char *text, char *why, size_t why_size);
/* The same; of addresses with commas between, and of several addresses of a name, the one whose turn it is. */
bool address_find(struct address *, const char *list, unsigned turn, char *why, size_t why_size);
/* Only how it is written: is it host and port? The host is given, without brackets. */
bool address_split(const char *text, char host[256], char *why, size_t why_size);
/* The same for each of several, with commas between. */
bool address_list_check(const char *list, char *why, size_t why_size);
bool address_is_numeric(const char *text); /* nobody need be asked */
/* By its name alone: is it this machine, whoever answers for names? */
bool address_says_loopback(const char *text);

/* Can only this machine be at the other end? */
bool address_is_loopback(const struct sockaddr *);

/* The peer without its port, as text by which its connections are counted: of IPv6 the first 64 bits, as whoever has
 * one address there has them all. */
void address_peer(const struct sockaddr *, char text[ADDRESS_TEXT]);

unsigned address_port(int socket); /* that it is bound to */
/* Writes it to a file, whole or not at all: who waits for the file may read it as soon as it is there. False: errno. */
bool address_port_tell(const char *path, unsigned port);

/* A peer's machine that vanishes says nothing: the kernel asks it, and gives up within half a minute. */
void address_watch_peer(int socket);
