"""The demo city: invented accounts and sample records, always marked as such."""
