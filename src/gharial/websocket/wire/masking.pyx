"""
Makes the frames that a client sends, in C: masked on the way into the buffer.

One pass over the payload instead of two. Shared by what sends messages (``sender_in_c.pyx``)
and what sends all other frames (``stream_in_c.pyx``).
"""

import os

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint64_t
from libc.string cimport memcpy


cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>

    #if defined(__linux__) && defined(__x86_64__) && defined(__GLIBC__) \
        && defined(__GNUC__) && !defined(__clang__)
    #define MASKING_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
    #else
    #define MASKING_CLONES
    #endif

    /* RFC 6455 section 5.3, eight bytes at a time. */
    MASKING_CLONES
    static void masking_mask(char *to, const char *from, size_t size, uint64_t key)
    {
        size_t at = 0;
        uint64_t word;
        for (; at + 8 <= size; at += 8) {
            memcpy(&word, from + at, 8);
            word ^= key;
            memcpy(to + at, &word, 8);
        }
        for (size_t place = 0; at < size; at++, place++)
            to[at] = (char)(from[at] ^ ((const char *)&key)[place]);
    }

    /* Numbers that nobody can tell before: splitmix64, from the system's own source. */
    static uint64_t masking_state = 0;

    static uint32_t masking_random(void)
    {
        uint64_t mixed = masking_state += 0x9E3779B97F4A7C15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
        return (uint32_t)((mixed ^ (mixed >> 31)) >> 32);
    }

    /* RFC 6455 section 5.2: one whole frame of a client, with its payload at a given place.
       Its header ends there; returns where it begins. ``first`` has the final bit, the
       reserved bits and the opcode. */
    static char *masking_frame(
        char *place, int first, const char *payload, size_t size)
    {
        uint32_t mask = masking_random();
        uint64_t key;
        unsigned char *header = (unsigned char *)place - 4;
        memcpy(header, &mask, 4);
        memcpy(&key, &mask, 4);
        memcpy((char *)&key + 4, &mask, 4);
        if (size < 126) {
            header -= 2;
            header[1] = (unsigned char)(0x80 | size);
        } else {
            int bytes = size < 65536 ? 2 : 8;
            for (int index = 0; index < bytes; index++)
                *--header = (unsigned char)((uint64_t)size >> (8 * index));
            header -= 2;
            header[1] = bytes == 2 ? 0x80 | 126 : 0x80 | 127;
        }
        header[0] = (unsigned char)first;
        masking_mask(place, payload, size, key);
        return (char *)header;
    }
    """
    uint64_t masking_state
    char* masking_frame(char* place, int first, const char* payload, size_t size) nogil


def _seed():
    cdef bytes random = os.urandom(8)
    memcpy(&masking_state, PyBytes_AS_STRING(random), 8)


_seed()
if hasattr(os, "register_at_fork"):
    # Else two workers would mask alike.
    os.register_at_fork(after_in_child=_seed)


cdef char* masked_frame(
    char* place, int first, const char* payload, Py_ssize_t size
) noexcept:
    """Write a frame whose payload begins at a place; return where its header begins."""
    return masking_frame(place, first, payload, size)
