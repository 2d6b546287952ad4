"""What about a kept service lies outside of what its spec allows at this hour? For each platform, with read-only calls.

What Pulumi itself keeps, `pulumi refresh` finds; this finds what it leaves to the keeper, and so never looks at.
"""
