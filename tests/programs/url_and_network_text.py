# urllib.parse, ipaddress, http headers and cookies: network text without a network.
import http
import http.cookies
import ipaddress
import urllib.parse as u
parts = u.urlsplit("https://user:pw@example.org:8080/a/b;p?q=1&q=2&e=#frag")
print(parts.hostname, parts.port, parts.username, u.parse_qs(parts.query), u.parse_qsl(parts.query, keep_blank_values=True), parts.fragment)
print(u.quote("a b/ü?"), u.quote_plus("a b&c"), u.unquote("%C3%BC+"), u.urlencode({"a": [1, 2], "b": "x y"}, doseq=True), u.urljoin("http://x/a/b", "../c?d"))
print(ipaddress.ip_address("192.168.0.1").is_private, list(ipaddress.ip_network("10.0.0.0/30").hosts()), ipaddress.ip_address("2001:db8::1").exploded, ipaddress.ip_network("10.0.0.0/8").overlaps(ipaddress.ip_network("10.1.0.0/16")))
try:
    ipaddress.ip_address("256.1.1.1")
except ValueError as error:
    print(error)
print(http.HTTPStatus(404).phrase, http.HTTPMethod.GET, http.HTTPStatus.OK == 200)
c = http.cookies.SimpleCookie("a=1; b=two")
c["d"] = "x y"
c["d"]["path"] = "/"
print({k: m.value for k, m in c.items()}, c["d"].OutputString())
