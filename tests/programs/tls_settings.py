# ssl has its constants, its errors and contexts that can be configured. A connection is refused in one sentence.
import asyncio
import sys
print("ssl" in sys.modules)
import http.client
import os
import socket
import ssl
import urllib.request

def attempt(function, *arguments, **keywords):
    try:
        print(function(*arguments, **keywords))
    except (OSError, ValueError, TypeError) as error:
        print(type(error).__name__, error)

context = ssl.create_default_context()
print(context.protocol, context.verify_mode, context.check_hostname, context.minimum_version, context.cert_store_stats())
attempt(setattr, context, "verify_mode", ssl.CERT_NONE)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.options |= ssl.OP_NO_TLSv1_2
print(context.verify_mode, ssl.OP_NO_TLSv1_2 in context.options, ssl.OP_NO_SSLv3 in context.options)
context.minimum_version = ssl.TLSVersion.TLSv1_3
attempt(setattr, context, "maximum_version", 7)
context.set_alpn_protocols(["h2", "http/1.1"])
context.set_ciphers("ECDHE+AESGCM")
attempt(context.load_verify_locations)
attempt(context.load_verify_locations, cadata="no certificate")
with open("/tmp/bad.pem", "w") as file:
    file.write("nothing")
attempt(context.load_verify_locations, "/tmp/bad.pem")
attempt(context.load_cert_chain, "/tmp/bad.pem")
print(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).verify_mode)

der = bytes([0x30, 10, 6, 3, 0x55, 0x1D, 0x13, 4, 3, 1, 1, 0xFF])
context.load_verify_locations(cadata=der)
context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(der + b""))
print(context.cert_store_stats(), context.get_ca_certs(True) == [der])
attempt(context.get_ca_certs)

bio = ssl.MemoryBIO()
print(bio.write(b"abc"), bio.pending, bio.read(2), bio.eof)
bio.write_eof()
print(bio.read(), bio.eof)
print(issubclass(ssl.SSLError, OSError), ssl.CertificateError.__mro__[1:3], len(ssl.RAND_bytes(8)), ssl.OPENSSL_VERSION)

attempt(context.wrap_bio, bio, bio, server_hostname="example.org")
attempt(socket.create_connection, ("example.org", 443))
attempt(urllib.request.urlopen, "https://example.org/")
attempt(http.client.HTTPSConnection("example.org").request, "GET", "/")
async def connect():
    await asyncio.open_connection("example.org", 443, ssl=context)
attempt(asyncio.run, connect())
