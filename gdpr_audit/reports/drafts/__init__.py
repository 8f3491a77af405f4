"""Drafts of a DPO's own papers, begun from an audit: each says that it is a draft."""
