"""The causes of blocked calls: their codes and texts, and the rules that find each."""
