"""How much does the gateway cost, against a bare pass-through on the same machine in the same minute?"""
