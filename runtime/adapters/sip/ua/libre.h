/* runtime/adapters/sip/ua/libre.h - All that is used of libre: messages, URIs, addresses, digests, encrypted sound, and
 * the buffers and texts that these are made of.
 *
 * Nothing of libre that is included here has a socket, a timer or a loop. So libre 1.1, 2, 3 and 4 serve alike, and no
 * other file of ours includes libre's headers. */
#pragma once

#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include <re_list.h>
#include <re_sa.h>
#include <re_uri.h>
#include <re_hash.h>
#include <re_md5.h>
#include <re_msg.h>
#include <re_sip.h>
#include <re_httpauth.h>
#include <re_srtp.h>
