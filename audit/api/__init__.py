"""What programs are served: recording and reading over HTTP, described by an OpenAPI document.

Every answer that is no success is a problem as RFC 9457 has it, with a sentence for people.
"""
