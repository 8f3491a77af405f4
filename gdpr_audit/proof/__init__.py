"""Shows that an audit and its evidence were not changed: bundle, manifest, signature, stamp.

    archive.py   a ZIP file of which every byte follows from what it holds
    manifest.py  what a bundle holds, and where a file differs from that
    keys.py      Ed25519: keys, signatures
    stamp.py     RFC 3161: a request, and what an answer shows
    contents.py  the files of a bundle, from an audit document
    bundle.py    all of it put together
    verify.py    and taken apart again, every difference named

Bytes in, bytes out: files are read and written, and the time stamp asked for, by the commands.
"""
